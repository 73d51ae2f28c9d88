"""Specs over the checks of :mod:`support.fake_declarations` that are right, for tests that change or compare them."""

from __future__ import annotations

WHOLE = """\
# yaml-language-server: $schema=../schema/spec-v1.json
speccheck: 1
title: Everything a spec can say
code: {old: "${here}", new: .}
baseline: base.json
vars:
  mode: fast
  sizes: &sizes [1, 2]
  assets: ${here}/assets
subjects:
  uti: {target: "uti:make", args: {mode: "${vars.mode}"}, code: old, weights: {file: w.pt, strict: false}}
  clip: {audio: "${vars.assets}/a.wav"}
  noise: {tensor: "float32[1, ${matrix.n}]", normal: [0, 1], seed: 3}
  encode: {function: $uti.encode, args: [$clip.samples, "${batch.x[0]}"], kwargs: {rate: $clip.rate}}
  rebuilt: {expr: "uti.decode(*uti.encode(clip.samples))"}
defaults: {seed: 0, timeout: 120s, severity: fail, tags: [all]}
redact: [TOKEN]
checks:
  - id: repeat
    title: The same call twice
    section: A. Calls
    check: demo.repeat
    with: {call: $encode, times: 3}
    expect:
      identical: true
      distinct_values: {min: 8, why: a constant would be the same too}
      sha256: {matches: "[0-9a-f]{64}"}
  - id: sound
    check: demo.sound
    needs: [repeat]
    tags: [audio]
    with: {reference: $clip, estimate: $rebuilt}
    expect:
      snr_db: {min: baseline - 1.0, severity: warn}
      log_mel_l1: {max: baseline * 1.05}
    waiver: {owner: me, reason: soon, until: 2027-06-30, worst: {snr_db: {min: 3}}}
  - id: shapes
    check: demo.tensors
    matrix: {n: *sizes, size: {small: {v: 1}, large: {v: 2}}}
    seed: ${matrix.size.v}
    with: {tensors: {out: $noise, a.b: {tensor: "int64[3]", integers: [0, 9]}}, among: [$noise]}
    expect:
      tensors.out: {tensor: "float32[1, N]"}
      finite["a.b"]: true
      tensors.*.shape: {length: 1}
  - id: probe
    check: demo.probe
    needs: shapes
    timeout: 1.5
    requires: {packages: [torch], files: [x.bin], device: cpu}
    with: {grid: {pooling: [a, b]}, seeds: [1, 2, 3]}
    expect:
      delta['a']: {mean: {min: 0.01, confidence: 0.95, correct_for: delta}}
      layers["0.weight"].norm: {below: 3}
    expected_failure: {metrics: ["delta['a']"], reason: too few, until: 2027-06-30}
  - id: number
    check: demo.number
    severity: warn
    skip: {reason: not yet}
    with: {value: "${env.VALUE:-x}", note: "$${literal}"}
    observe: true
  - id: files
    check: demo.files
    with: {paths: [a.txt], mode: any, patterns: {one: x}, limits: [1]}
    expect: {count: {one_of: [1, 2]}, matches.one: true, names: {each: {matches: ".*"}, contains: a}}
  - id: train
    check: demo.train
    with: {model: {target: "m:f"}, steps: 5}
    expect: {final: {max: checks.repeat.distinct_values * 2}, loss: {last: {max: loss_limit}}}
""".replace('value: "${env.VALUE:-x}"', "value: 1").replace("max: loss_limit", "max: final * 2")
"""Every key and nearly every form."""
