import os, time
from hypothesis import HealthCheck, settings, Phase, seed
from hypothesis.stateful import run_state_machine_as_test
from tests.sync.machine import Syncing
from vault.hashers import remembering_derivations


def test_explore():
    n = [0]
    t = time.time()

    class S(Syncing):
        def teardown(self):
            n[0] += 1
            open("/tmp/explore-%s.log" % os.environ.get("SEED", "1"), "a").write(
                f"{n[0]} {time.time() - t:.1f}\n"
            )
            super().teardown()

    S.TestCase
    s = settings(
        max_examples=int(os.environ["N"]),
        stateful_step_count=int(os.environ["STEPS"]),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
        database=None,
        derandomize=False,
    )
    try:
        with remembering_derivations():
            run_state_machine_as_test(seed(int(os.environ.get("SEED", "1")))(S), settings=s)
    finally:
        print("LIVES", n[0], time.time() - t)
