"""What the page says around its figures."""

HEAD = """\
# Benchmarks

`make bench` wrote this page and the plot; no figure comes from elsewhere. Read ratios, not
milliseconds: what stands in one table, at one size, ran in turns on the same machine, on the same
data. Where a goal is not met, the profile below says where the time goes, and
[what bounds a search](scaling.md#what-bounds-a-search) what follows from it.

    make bench                                # all of it; the data are kept for two days
    make bench ARGS=--quick                   # whether it works; its page is in .local/bench/quick
    make bench ARGS="--sizes 200k --stages http"    # one part anew, if all has been measured here
    make bench ARGS=--render                  # the page of what is kept in .local/bench/full

*Constant view*: an empty Django view that returns as many bytes, the floor. *drf-gis* and *DRF and
GeoDjango*: the nearest services as Django projects mostly serve them. *KNN*: PostGIS' index scan by
distance alone, `ORDER BY geog <-> point LIMIT k`, which is no ranking. *Cell*: one sort of
searcher, filters, hour and number of results. *Ids*: of the services found, in order, as KNN gives
them; *whole answer*: the bytes of the response. A goal that can be read in several ways has a line
for each.
"""
SAID_OF_CELLS_WITHIN = """\
Within 0.15× of KNN's time with the cell's filters are our ids in {ids} of {cells} cells and our
whole answer in {whole}; within 0.15× of KNN's without any filter, ids in {unfiltered} and whole
answers in {whole_unfiltered}.
"""
SAID_OF_STEPS = """\
Medians over the searchers of a cell, then over cells of day and night, dense, suburban and rural.
Each line takes in those above it, but for the second, which is a part of the third: a step costs
what its line has more. The last line is the whole application as the server calls it. For
comparison: a statement that does nothing comes back from PostgreSQL in {round_trip:.3f} ms.
"""
SAID_OF_WALKS = """\
What the walk looks at, in the mean: nodes whose box and promise are read, leaves that are opened,
services whose least is worked out, and those weighed exactly.
"""
SAID_OF_WISHES = """\
All {count} combinations of wishes (open, available, strict, access facts, kinds, distance), in
towns, far from any, and overseas, now and in nine hours, against a plain search at the same place
and time: the median combination takes {median:.1f} times its time, more than ten times as long:
{above_10}. What a combination is measured against ran beside it, not in the table above.
"""
SAID_OF_CORES = """\
Cores kept busy, in the mean: what a process waits for is another's time.
"""
SAID_OF_CELLS = """\
Milliseconds within one process, from the question to the answer: the median over the 36 cells of
the mix of each cell's median, and the largest median of a cell. The mix: searchers in big cities
(dense), at their edges (suburban) and more than 70 km from any large town (rural) × all kinds,
methadone alone, or two facts that 0.6 % of the services have × 11:00 and 23:30 × 20 and 100
results, of KNN too. Ours gives the whole answer as bytes, and once its ids alone; the others give
ids, one of them rows. Only ours and the brute force are exact in the order of the ranking: KNN goes
by distance alone; "ranked" and Redis look no farther than 50 km, and Redis at 200 services, so in
rural cells they often find fewer than was asked for. What the index works out once a
minute, beside searches, is not in it: the line below the table tells what that takes.
"""
SAID_OF_HTTP = """\
The production server (granian, started as by `make run`) under wrk with eight connections: medians
of rounds in which each view has its turn. Searches for 20 results, dense, suburban and rural, with
each sort of filter, of a server where it is 11:00 and of one where it is 23:30; a search is faster
by the harmonic mean of both rates, as many by day as at night; so are the goals. The constant view
stands in a Django project with no middleware and no apps, in as many processes, and returns
{bytes:,} bytes: as many as a mean answer of ours. The two views in DRF order by distance alone: one
asks the index for the nearest, the other sorts all within 50 km, as tutorials do; they stand in our
project, behind its middleware and its room for four requests at a time in a process. In each turn
the connections are opened anew, mostly to one process, which then shares them with the other
([how](scaling.md#what-bounds-a-search)).
"""
SAID_OF_STEADY = """\
Latency at a steady rate, 30 % of the rate above and at most 1000/s, in rounds in which each view
has its turn: requests at fixed moments over two connections, a server that stalls being charged for
all who would have waited. A client in Python sends them on the same machine; what it adds shows in
the constant view.
"""
SAID_OF_FRESHNESS = """\
Reports are committed at a steady rate, in rounds; two servers are searched again and again, with
pauses of a hundredth of a second, until both tell the new count. An import of Vancouver's format,
{services:,} services in one transaction, begun with `nice -n 10` as imports.md says, runs while
searches go on at a steady rate. All of it shares the cores of this machine.
"""
SAID_OF_EACH_CELL = """\
Medians and, for our whole answer, the slowest hundredth in milliseconds; then the medians of our
ids and of our whole answer as shares of KNN's with the same filters, and of KNN's without any.
"""
SAID_OF_STARTS = """\
Seconds from the start of the server to the first answer that is not stale: the first time, and
again from the snapshot of before, as the median of some starts. The compiled code is cached.
"""
SAID_OF_MEMORY = """\
Bytes for each service in each of two web processes, above the same process without any service.
"""
