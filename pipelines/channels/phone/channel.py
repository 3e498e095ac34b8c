"""Calls come in and are noted by hand; nothing leaves by phone."""

from pipelines.communication.channel import Channel

#: Ready whatever the settings say: a note needs no telephone exchange.
CHANNEL = Channel("phone", receives=True, ready=lambda _: True)
