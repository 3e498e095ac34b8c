"""What a PDF says to a program that is not ours."""

import pypdfium2


def read(pdf: bytes) -> tuple[str, dict[str, bytes], int]:
    """Its words, its attachments and how many pictures stand in it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        words = " ".join(page.get_textpage().get_text_range() for page in document)
        attached = [document.get_attachment(n) for n in range(document.count_attachments())]
        pictures = sum(1 for page in document for _ in page.get_objects(filter=[3]))
        return " ".join(words.split()), {one.get_name(): bytes(one.get_data()) for one in attached}, pictures
    finally:
        document.close()
