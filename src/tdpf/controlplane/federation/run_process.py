"""One run in a process of its own: what it holds is given back when it ends, and the worker's other jobs do not wait for it."""

from __future__ import annotations

import gc
import os
import sys

from tdpf.kit.lineage import die_with_parent


def main(arguments: list[str]) -> int:
    """Do the run whose uid is given, or look at the links that are due ("links"); return 0 when it was done, else 1."""
    if os.environ.get("TDPF_RUN_PARENT"):
        die_with_parent(int(os.environ["TDPF_RUN_PARENT"]))
    os.nice(5)
    import django

    django.setup()
    from tdpf.controlplane.federation import services

    # The program itself is never garbage: looking through it again and again costs a run a twentieth of its time.
    gc.freeze()
    if arguments[0] == "links":
        services.look_at_due_links()
        return 0
    run = services.perform_run(run_uid=arguments[0])
    return 0 if run is not None and run.state == "done" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
