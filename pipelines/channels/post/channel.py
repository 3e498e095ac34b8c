"""Letters on paper come in by a folder of scans. What is answered on paper is printed by another channel."""

from pipelines.communication.channel import Channel

CHANNEL = Channel("post", receives=True, ready=lambda settings: settings.scan_folder is not None)
