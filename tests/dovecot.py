"""A real IMAP server on a free loopback port: dovecot from Debian, with one mailbox, run by an unprivileged user."""

import os
import pwd
import shutil
import tempfile
from imaplib import IMAP4
from pathlib import Path

from tests.servers import Server

BINARY = shutil.which("dovecot") or next((str(one) for one in [Path("/usr/sbin/dovecot")] if one.exists()), None)
PASSWORD = "p@ss/word"


class Dovecot(Server):
    """Any user may sign in with PASSWORD, to a mailbox of their own."""

    user = "mail"

    def __init__(self) -> None:
        super().__init__()
        self._run_folder = Path(tempfile.mkdtemp(prefix="cw-", dir="/tmp"))  # sockets have short names
        if os.geteuid() == 0:
            shutil.chown(self._run_folder, self.user)

    @property
    def command(self) -> list[str]:  # type: ignore[override]
        return [str(BINARY), "-F", "-c", str(self.folder / "dovecot.conf")]

    def prepare(self) -> None:
        me = self.user if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        (self.folder / "dovecot.conf").write_text(f"""
protocols = imap
listen = 127.0.0.1
base_dir = {self._run_folder}
log_path = {self.folder}/dovecot.log
ssl = no
disable_plaintext_auth = no
default_internal_user = {me}
default_login_user = {me}
default_internal_group = {me}
mail_location = maildir:{self.folder}/mail/%u
first_valid_uid = 1
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {self.port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={me} gid={me} home={self.folder}/home/%u
}}
""")

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        shutil.rmtree(self._run_folder, ignore_errors=True)

    def url(self, user: str, *, done: str = "") -> str:
        tail = f"?done={done}" if done else ""
        return f"imap://{user}:{PASSWORD.replace('@', '%40').replace('/', '%2F')}@127.0.0.1:{self.port}/INBOX{tail}"

    def put(self, user: str, *mails: bytes, folder: str = "INBOX") -> None:
        with self._signed_in(user) as box:
            for mail in mails:
                status, said = box.append(folder, "", "", mail)
                assert status == "OK", said

    def flags(self, user: str, folder: str = "INBOX") -> list[str]:
        """The flags of each mail in a folder, in order."""
        with self._signed_in(user) as box:
            box.select(folder, readonly=True)
            _, found = box.fetch("1:*", "(FLAGS)")
            return [one.decode() for one in found if isinstance(one, bytes)]

    def _signed_in(self, user: str) -> IMAP4:
        box = IMAP4("127.0.0.1", self.port, timeout=20)
        box.login(user, PASSWORD)
        return box
