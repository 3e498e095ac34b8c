"""Mails made by code: ordinary ones, and ones made to hurt."""

import base64
from collections.abc import Iterator
from email.message import EmailMessage

JPEG_HEAD = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"


def plain(text: str = "De kraan lekt.", **headers: str) -> bytes:
    """A plain mail; a header name is written with underscores for dashes."""
    message = EmailMessage()
    for name, value in {"From": "Jan Jansen <jan@Example.NL>", "Subject": "Lekkage", **headers}.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def with_files(*files: tuple[str, bytes], text: str = "Zie de foto's.") -> bytes:
    message = EmailMessage()
    message["From"] = "jan@example.nl"
    message.set_content(text)
    for name, data in files:
        message.add_attachment(data, maintype="image", subtype="jpeg", filename=name)
    return message.as_bytes()


def multipart(*parts: bytes, kind: str = "mixed", boundary: str = "b", closed: bool = True, head: str = "") -> bytes:
    """A mail of raw parts, each with its own headers."""
    lines = [f'From: jan@example.nl\r\n{head}Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()]
    lines += [f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts]
    return b"".join(lines) + (f"--{boundary}--\r\n".encode() if closed else b"")


def part(body: str | bytes, content_type: str = "text/plain; charset=utf-8", **headers: str) -> bytes:
    head = f"Content-Type: {content_type}\r\n"
    head += "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return head.encode() + b"\r\n" + (body.encode() if isinstance(body, str) else body)


def html(body: str) -> bytes:
    return f"From: jan@example.nl\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}".encode()


def nested(levels: int) -> bytes:
    """Multiparts in multiparts; the standard library's parser raises RecursionError at some hundreds."""
    opening = "".join(
        f'Content-Type: multipart/mixed; boundary="b{level}"\r\n\r\n--b{level}\r\n' for level in range(levels)
    )
    return ("From: jan@example.nl\r\n" + opening + "Content-Type: text/plain\r\n\r\ndiep").encode()


def nested_mails(levels: int) -> bytes:
    return b"From: a@b.nl\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * levels + b"\r\ndiep"


def bounce(recipient: str = "weg@example.org", message_id: str = "letter-7@casewright.example") -> bytes:
    status = (
        f"Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    )
    return multipart(
        part("Delivery failed"),
        part(status, "message/delivery-status"),
        part(f"Message-ID: <{message_id}>\r\nSubject: Uw melding\r\n\r\nhoi", "message/rfc822"),
        kind="report; report-type=delivery-status",
        head="Return-Path: <>\r\n",
    )


def hostile() -> Iterator[tuple[str, bytes]]:
    """Named mails that broke some parser, or try to."""
    yield "no bytes", b""
    yield "one newline", b"\n"
    yield "zeros", bytes(5_000)
    yield "every byte", bytes(range(256)) * 50
    yield "nested 1000 deep", nested(1_000)
    yield "mails nested 1000 deep", nested_mails(1_000)
    yield "10,000 parts", multipart(*[part("x")] * 10_000)
    yield "boundary of dashes", multipart(b"-\n" * 100_000, boundary="-")
    yield "false boundaries", multipart(b"--bx\n" * 200_000)
    yield "boundary missing", b"Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\nx"
    yield "boundary huge", multipart(part("x"), boundary="b" * 5_000)
    yield "boundary empty", multipart(part("x"), boundary="")
    yield "header bomb", b"X-A: " + b"a" * 10_000_000
    yield "many headers", b"X: y\r\n" * 100_000
    yield "one header folded for ever", b"Subject: a\r\n" + b" b\r\n" * 10_000 + b"\r\nx"
    yield "nested comments", b"From: " + b"(" * 30_000 + b"a@b.nl\r\n\r\nx"
    yield "quotes", b"From: " + b'"\\' * 20_000 + b"\r\n\r\nx"
    yield "semicolons", b"Content-Type: text/plain" + b';"' * 20_000 + b"\r\n\r\nx"
    yield "recipients", b"To: " + b"a@b.nl," * 9_000 + b"\r\n\r\nx"
    yield "encoded words", b"Subject: " + b"=?utf-8?q?=FF?= " * 3_000 + b"\r\n\r\nx"
    yield "bad encoded word", b"Subject: =?utf-8?b?a?= =?x?b?\xff?= =?utf-16?q?=ff?=\r\n\r\nx"
    yield "codec that is no charset", part("abc" * 5_000, "text/plain; charset=punycode")
    yield "charset zlib", part(b"x\x9c", "text/plain; charset=zlib")
    yield "charset with zeros", part("x", 'text/plain; charset="a\0b"')
    yield "accents", part("e" + "\u0316\u0301" * 200_000)
    yield "lone surrogates", part("\ud800".encode("utf-16-le", "surrogatepass"), "text/plain; charset=utf-16-le")
    yield "utf-7", part("+2AA-", "text/plain; charset=utf-7")
    yield "html nested", html("<div>" * 100_000)
    yield "html open", html("<" * 300_000)
    yield "html nested and open", html("<div>" * 3_000 + "<" * 900_000)
    yield "html spans", html("<span>a</span>" * 70_000)
    yield "html attributes", html("<p " + "a=1 " * 100_000 + ">")
    yield "html entities", html("&lt;" * 100_000 + "&#xD800;&#0;&#1114112;")
    yield "bad date", plain(Date="Mon, 99 Foo 99999999999 25:61:61 +9999")
    yield "bad rfc2231", part("x", "image/png; name*0*=utf-8''%ff; name*2=x; name*1*=%; name*=x'y")
    yield "bad base64", part("A===A*A\xff" * 999, "image/png", Content_Transfer_Encoding="base64")
    yield "bad quoted-printable", part("=\r=ZZ=F=", Content_Transfer_Encoding="quoted-printable")
    yield "quoted lines", part("> \n>>\nOn 1:23 a@b wrote:\n" * 10_000)
    yield "greetings", part("Groet,\n" * 40_000)
    yield "capitals", part("Groet " + "A" * 100_000)
    yield "at signs", part(("@" * 390 + " wrote:\n") * 500)


def base64_lines(data: bytes) -> bytes:
    return base64.encodebytes(data)
