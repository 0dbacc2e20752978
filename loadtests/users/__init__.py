"""The users: `exchange` is what all of them do, `ladder` is one concrete user a rung and job."""
