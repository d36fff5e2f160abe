"""`python -m operations …`"""

from operations.cli import main

raise SystemExit(main())
