"""`python -m tollgate compare|report|plot ...`."""

from tollgate._command import main

raise SystemExit(main())
