from realtime.settings import *

ROOT_URLCONF = "views"
