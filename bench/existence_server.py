"""The server for `bench existence`, its clients without limits: `python -m bench.existence_server DATA PORT`."""

import sys
from pathlib import Path

import uvicorn
import uvloop

from auth.agreements.grants import Grants
from auth.state.engine import migrated_engine
from bench.existence import grants
from sandbox.issuer import SandboxIssuer
from sandbox.serve import listening, population_service, sandbox_app, sandbox_settings


async def serve(data: Path, port: int) -> None:
    """Serve until the process is told to stop."""
    issuer = SandboxIssuer(data)
    async with population_service(data) as population:
        settings = sandbox_settings(data, population, issuer)
        engine = await migrated_engine(settings.state_url)
        for grant in grants():
            await Grants(engine).save(grant)
        await engine.dispose()
        config = uvicorn.Config(sandbox_app(settings, issuer), http="httptools", log_level="warning", access_log=False)
        await uvicorn.Server(config).serve([listening(port)])


if __name__ == "__main__":
    if sys.argv[3:]:
        raise SystemExit("DATA and PORT are all that is given")
    folder = Path(sys.argv[1])
    for old in folder.glob("state.sqlite*"):
        old.unlink()  # the state begins anew, so that no limit of a day is reached
    uvloop.run(serve(folder, int(sys.argv[2])))
