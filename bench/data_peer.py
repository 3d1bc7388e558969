# What Python's usual libraries need for the data of bench/data.mjs:
#   python3 bench/data_peer.py pandas|pyarrow FILE      a table
#   python3 bench/data_peer.py pillow FOLDER            pictures, each decoded to RGB
import json
import os
import resource
import sys
import time


def pandas_table(path):
    import pandas

    start = time.perf_counter()
    table = pandas.read_csv(path, engine="c")
    seconds = time.perf_counter() - start
    return seconds, dict(rows=len(table), sum=float(table["x0"].sum()), version=pandas.__version__)


def pyarrow_table(path):
    import pyarrow
    import pyarrow.compute
    import pyarrow.csv

    start = time.perf_counter()
    table = pyarrow.csv.read_csv(path)
    seconds = time.perf_counter() - start
    total = pyarrow.compute.sum(table["x0"]).as_py()
    return seconds, dict(rows=table.num_rows, sum=total, version=pyarrow.__version__)


def pillow_pictures(root):
    import numpy
    import PIL
    from PIL import Image

    start = time.perf_counter()
    names = sorted(os.path.join(folder, name) for folder, _, names in os.walk(root) for name in names)
    pictures = []
    left = 0
    for name in names:
        try:
            with Image.open(name) as picture:
                pictures.append(numpy.asarray(picture.convert("RGB")))
        except Exception:
            left += 1
    whole = numpy.stack(pictures)
    seconds = time.perf_counter() - start
    return seconds, dict(taken=len(whole), left=left, version=PIL.__version__)


what, path = sys.argv[1:3]
tasks = dict(pandas=pandas_table, pyarrow=pyarrow_table, pillow=pillow_pictures)
try:
    seconds, found = tasks[what](path)
except ImportError as error:
    print(json.dumps(dict(missing=str(error))))
    sys.exit(0)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps(dict(seconds=seconds, peakBytes=peak, **found)))
