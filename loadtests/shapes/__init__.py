"""How many users there are when. Each shape is a locustfile of its own, to be named after ours:

locust -f loadtests/locustfile.py,loadtests/shapes/steps.py --headless --users 50 --run-time 1m TcpEcho

The page lists all of them under "Shape Class". A shape takes the number of users at its peak and its length
from the same options, or fields, as a test without one; without a length it takes a minute.
"""
