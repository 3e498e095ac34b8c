"""Forms come in. What is answered leaves by the channels that send."""

from pipelines.communication.channel import Channel

#: Ready whatever the settings say: the pages are part of every house.
CHANNEL = Channel("webform", receives=True, ready=lambda _: True)
