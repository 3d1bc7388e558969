# The product of NumPy, and so of the BLAS beneath it, as a peer of bench/kernels.ts: a line of JSON in,
# { m, n, k, transposeA, transposeB, seconds }, a line out with the seconds of one product, the best of what was tried.
import json
import os
import sys
import time

for name in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS'):
    os.environ[name] = '1'
import numpy as np


def library():
    """Name of the file that numpy takes its products from, which holds the version."""
    try:
        with open('/proc/self/maps') as maps:
            files = {os.path.basename(os.path.realpath(line.split()[-1])) for line in maps if 'blas' in line}
    except OSError:
        files = set()
    return next((name for name in sorted(files) if 'openblas' in name), next(iter(sorted(files)), 'unknown'))


def best(product, seconds):
    # Several products a sample, so that the clock costs nothing.
    product()
    started = time.perf_counter()
    product()
    times = max(1, int(0.001 / (time.perf_counter() - started)))
    least, end = float('inf'), time.perf_counter() + seconds
    while time.perf_counter() < end:
        started = time.perf_counter()
        for _ in range(times):
            product()
        least = min(least, (time.perf_counter() - started) / times)
    return least


made = {}


def operands(m, n, k, transpose_a, transpose_b):
    key = (m, n, k, transpose_a, transpose_b)
    if key not in made:
        a = np.random.rand(*((k, m) if transpose_a else (m, k))).astype(np.float32)
        b = np.random.rand(*((n, k) if transpose_b else (k, n))).astype(np.float32)
        made[key] = (a.T if transpose_a else a, b.T if transpose_b else b, np.empty((m, n), np.float32))
    return made[key]


for line in sys.stdin:
    question = json.loads(line)
    if 'quit' in question:
        break
    a, b, c = operands(*(question[name] for name in ('m', 'n', 'k', 'transposeA', 'transposeB')))
    answer = {'ok': True, 'seconds': best(lambda: np.dot(a, b, out=c), question['seconds'])}
    print(json.dumps({**answer, 'numpy': np.__version__, 'library': library()}), flush=True)
