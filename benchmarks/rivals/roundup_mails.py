"""Roundup taking in mails, run by the Python of a venv of its own: `roundup_mails.py DATABASE PORT FOLDER`.

Speaks as helpdesk_mails.py does.
"""

import configparser
import email
import json
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path


def set_up(database: str, port: str, folder: str) -> Path:
    """A tracker of the classic template on PostgreSQL whose mail goes nowhere."""
    home = Path(folder) / "tracker"
    admin = [str(Path(sys.executable).parent / "roundup-admin"), "-i", str(home)]
    subprocess.run([*admin, "install", "classic", "postgresql"], check=True, capture_output=True)
    config = configparser.RawConfigParser()
    config.read(home / "config.ini")
    config["main"]["admin_email"] = "admin@example.org"
    config["tracker"]["web"] = "http://127.0.0.1/tracker/"
    config["mail"].update(domain="example.org", host="127.0.0.1", debug="/dev/null")
    config["rdbms"].update(name=database, host="127.0.0.1", port=port, user="casewright", password="none")
    config["rdbms"]["backend"] = "postgresql"
    config["logging"]["level"] = "ERROR"
    with (home / "config.ini").open("w") as file:
        config.write(file)
    schema = home / "schema.py"
    schema.write_text(schema.read_text() + "\ndb.security.addPermissionToRole('Anonymous', 'Email Access')\n")
    subprocess.run([*admin, "initialise", "benchmark"], check=True, capture_output=True, input=b"Y\n")
    return home


def main() -> None:
    home = set_up(*sys.argv[1:4])
    import roundup.instance
    from roundup.mailgw import RoundupMessage

    tracker = roundup.instance.open(str(home))
    gateway = tracker.MailGW(tracker, Namespace(default_class="", set_value=[]))
    print("ready", flush=True)
    for line in sys.stdin:
        mails = [Path(path).read_bytes() for path in json.loads(line)]
        begun = time.process_time()
        for mail in mails:
            gateway.handle_message(email.message_from_bytes(mail, RoundupMessage))
        print(json.dumps(time.process_time() - begun), flush=True)


main()
