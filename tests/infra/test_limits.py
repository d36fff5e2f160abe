"""The limits of CloudFormation and Lambda, of which half is enough."""

import json

import pytest

from tests.infra.template import Template

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
RESOURCES = 500
OUTPUTS = 200
PARAMETERS = 200
TEMPLATE_BYTES = 1_000_000
LOGICAL_ID_CHARACTERS = 255
ENVIRONMENT_BYTES = 4096


def test_the_template_fits_cloudformation_twice(template: Template) -> None:
    body = template.body
    assert len(body["Resources"]) <= RESOURCES // 2
    assert len(body["Outputs"]) <= OUTPUTS // 2
    assert len(body.get("Parameters", {})) <= PARAMETERS // 2
    (written,) = template.folder.glob("*.template.json")
    assert written.stat().st_size <= TEMPLATE_BYTES // 2
    assert max(map(len, body["Resources"])) <= LOGICAL_ID_CHARACTERS


@pytest.mark.parametrize(
    "name", ["upload_url", "search", "manage_images", "resize", "reaper", "audit", "migrate"]
)
def test_the_variables_of_a_function_fit_lambda_twice(template: Template, name: str) -> None:
    # References are counted as they are written, which is about as long as what they become.
    assert len(json.dumps(template.environment(name))) <= ENVIRONMENT_BYTES // 2
