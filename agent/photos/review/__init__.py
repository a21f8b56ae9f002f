"""What the clinician does with pictures that were found: says what each is, and deletes what is in the record.

The only part of scrubin that writes in, or takes from, a folder of pictures. The daemon and the audit can't reach it.
"""
