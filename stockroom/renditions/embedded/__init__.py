"""What a file says about its picture in IPTC-IIM, XMP and EXIF: texts, keywords, place, camera, position.

Everything here runs in the decoder's worker. Each reader takes the bytes of one block, within limits of its
own, and gives the properties that it has understood; damage ends a reader early and is never an error. The
properties of the three blocks share their names, which are those of the fields of `Embedded`.

Sources: IPTC Photo Metadata Standard 2023.2 (which fields there are, and what they are called in IIM and
XMP), Guidelines for Handling Image Metadata 2.0 of the Metadata Working Group ("MWG": which block is believed
where several have a field, and which character set a text is in), IPTC-IIM 4.2, ISO 16684-1 (XMP), CIPA
DC-008 (EXIF).
"""
