"""Faults of the tables, by the name of the metric that counts them."""

from __future__ import annotations

ROW_KINDS: dict[str, str] = {
    "duplicate_tokens": "rows whose token an earlier row of the table has, or in which it is empty",
    "dangling_tokens": "references to a row that is not there",
    "asymmetric_links": "prev or next whose other end does not lead back",
    "broken_chains": "scenes, sensors of a scene and instances whose rows are not one chain: more than one begins, "
    "or they form a ring",
    "links_to_other_scene": "prev or next into another scene",
    "links_to_other_sensor": "prev or next of a sample_data row to one of another channel",
    "links_to_other_instance": "prev or next of an annotation to one of another instance",
    "samples_backward": "sample_data rows whose sample is earlier than that of the row before them in the chain",
    "timestamps_repeated": "samples and sample_data rows with the timestamp of the row before them in the chain",
    "timestamps_backward": "samples and sample_data rows earlier than the row before them in the chain",
    "filename_timestamps": "sample_data rows whose filename does not end in __TIMESTAMP.suffix with their timestamp",
    "keyframes_outside_samples": "keyframes whose filename is not under samples/",
    "samples_not_keyframe": "sample_data rows under samples/ that are not keyframes",
    "several_keyframes": "pairs of sample and channel with more than one keyframe",
    "missing_keyframes": "pairs of sample and channel without a keyframe, of the channels that its scene has",
    "scene_mismatches": "scenes whose first or last sample is another's, or whose nbr_samples is not their number",
    "instance_mismatches": "instances whose first or last annotation is another's, or whose nbr_annotations is not "
    "their number",
}
"""Counted from the tables alone."""

FILE_KINDS: dict[str, str] = {
    "missing_files": "rows of sample_data and map whose file is not there or is empty",
    "wrong_sizes": "pictures whose width or height is not that of the record, or cannot be read",
    "undecodable_files": "pictures that cannot be decoded to their end, and point clouds that break off",
}
"""Counted from the files."""

KINDS = {**ROW_KINDS, **FILE_KINDS}
