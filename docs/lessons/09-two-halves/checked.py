import sys
from wsgiref.validate import validator

from application import application
from server import serve

serve(int(sys.argv[1]), validator(application))
