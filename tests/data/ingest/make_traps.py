#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes LandRvolumes.csv and participants.tsv beside this script: every import trap of the domain notes at once.

The line numbers are part of the tests (tests/core/ingest/volumes_test.cpp): append, do not insert.
"""
import pathlib

here = pathlib.Path(__file__).parent
names = ("LLatVent RLatVent Lthal Rthal Lcaud Rcaud Lput Rput Lpal Rpal Lhippo Rhippo Lamyg Ramyg Laccumb Raccumb ICV "
         "ThirdVentricle Remark").split()
base = dict(LLatVent=9500.5, RLatVent=9100.25, Lthal=7200.1, Rthal=7000.2, Lcaud=3500.5, Rcaud=3600.5, Lput=5000.5,
            Rput=4900.5, Lpal=1600.5, Rpal=1500.5, Lhippo=3900.5, Rhippo=4000.5, Lamyg=1500.5, Ramyg=1600.5,
            Laccumb=500.5, Raccumb=520.5, ICV=1500000.5, ThirdVentricle=1200.5, Remark="")


def row(subject, **other):
    cells = {**base, **other}
    return ";".join([subject] + [str(cells[n]).replace(".", ",") if not isinstance(cells[n], str) else cells[n]
                                 for n in names]) + ";"


lines = [";".join(["SubjID"] + names) + ";",             # 1, with a trailing separator
         row("sub-001"),                                 # 2
         row("sub-002", Lthal=0),                        # 3 zero: missing in the source
         row("sub-003", ICV="1,52346e+06"),              # 4 six significant digits
         row("sub-004", Lput="x"),                       # 5 marks
         row("sub-005", Lcaud="NaN", Rcaud="X", Rput="NA", Lpal="", Rpal="."),  # 6
         row("fsaverage"),                               # 7 rows that are no subject
         row("lh.EC_average"),                           # 8
         row("QC"),                                      # 9
         row("logs"),                                    # 10
         row("SUB_006"),                                 # 11 case and _ v -
         row("7"),                                       # 12 leading zeros and the prefix
         row("MAR01"),                                   # 13 Excel will make a date of it
         row("2-Apr"),                                   # 14 Excel has made a date of it
         row("sub-002"),                                 # 15 twice
         row("sub-010", ICV=0),                          # 16
         row("sub-011", ICV=700000),                     # 17
         row("sub-012", ICV=2300000),                    # 18
         row("sub-099"),                                 # 19 not a participant
         row(""),                                        # 20 no id
         row("sub-013", Lthal="abc"),                    # 21
         row("sub-014", Lthal=-5),                       # 22
         "sub-015;9500,5;9100,25"]                       # 23 a row that is too short
(here / "LandRvolumes.csv").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\r\n")

people = ["sub-001", "sub-002", "sub-003", "sub-004", "sub-005", "sub-006", "sub-007", "MAR01", "APR02", "sub-010",
          "sub-011", "sub-012", "sub-013", "sub-014", "sub-015", "sub-016"]
table = ["participant_id\tsite\tage\tsex\tdays_post_stroke\tlesion_side\tfma_ue"]
table += [f"{p}\tA\t{50 + i}\t{'female' if i % 2 else 'male'}\t{200 + i}\t{'left' if i % 3 else 'right'}\t{30 + i}"
          for i, p in enumerate(people)]
(here / "participants.tsv").write_text("\n".join(table) + "\n")
