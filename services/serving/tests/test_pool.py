"""A pool runs jobs in its own threads, as many at once as it has."""

import threading

from serving.pool import Pool


def test_jobs_run_in_threads_of_the_pool():
    pool = Pool(2)
    together = threading.Barrier(3, timeout=10)
    names = set()

    def job():
        names.add(threading.current_thread().name)
        together.wait()

    pool.put(job)
    pool.put(job)
    together.wait()
    assert names == {"work-0", "work-1"}
    pool.close()
    for thread in pool.threads:
        thread.join(10)
        assert not thread.is_alive()


def test_what_is_queued_is_done_before_it_ends():
    pool = Pool(1)
    done = []
    for number in range(100):
        pool.put(lambda number=number: done.append(number))
    pool.close()
    pool.threads[0].join(10)
    assert done == list(range(100))
