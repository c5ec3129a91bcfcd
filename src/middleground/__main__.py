import sys

from middleground.cli import main

sys.exit(main())
