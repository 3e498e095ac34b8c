"""One file a stage. `STAGES` gives each kind of work its function; `pipelines.flow` says when it is due."""

from pipelines.flow import Stage
from pipelines.stages.assist import assist
from pipelines.stages.bounce import bounce
from pipelines.stages.decide import decide
from pipelines.stages.enrich import enrich
from pipelines.stages.hand_over import hand_over
from pipelines.stages.leave import leave
from pipelines.stages.package import package
from pipelines.stages.read import read
from pipelines.stages.remember import remember
from pipelines.stages.represent import represent
from pipelines.stages.send import send
from pipelines.stages.understand import understand
from pipelines.stages.work import Stage as Work

STAGES: dict[Stage, Work] = {
    Stage.BOUNCE: bounce,
    Stage.READ: read,
    Stage.UNDERSTAND: understand,
    Stage.ENRICH: enrich,
    Stage.DECIDE: decide,
    Stage.LEAVE: leave,
    Stage.HAND_OVER: hand_over,
    Stage.SEND: send,
    Stage.REPRESENT: represent,
    Stage.PACKAGE: package,
    Stage.ASSIST: assist,
    Stage.REMEMBER: remember,
}
