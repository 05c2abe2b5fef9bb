"""What the approaches and the views are called, in results and on the page."""

OURS = "search in process"
IDS = "search in process, ids alone"  # what KNN gives, too
KNN = "PostGIS KNN, geography"
UNFILTERED = "PostGIS KNN, geography, filters left out"
WITH_ROWS = "PostGIS KNN, geography, with the rows to show"
ON_GEOMETRY = "PostGIS KNN, geometry"
RANKED = "PostGIS, ranked within 50 km"
EXACT = "PostGIS, exact by brute force"
REDIS = "Redis GEOSEARCH and ranking in Python"

CONSTANT = "constant view, bare Django"
SEARCH = "search by day, whole answer"
NIGHT = "search at night, whole answer"
GIS = "drf-gis, nearest"
PLAIN = "DRF and GeoDjango, as usually written"

LOOKED_AT = ("nodes", "leaves", "services", "weighed")  # by a walk
