"""The timetabling engine beside what a coordinator does by hand and beside a plain integer program, on open instances."""
