"""The tables of a nuScenes data set as arrays of the columns that matter, and the rules they are held against."""
