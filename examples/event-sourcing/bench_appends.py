"""Appends per second on one PostgreSQL table, by number of writers and events per append."""

import argparse
import statistics
import threading
import time

import psycopg


def writer(dsn: str, appends: int, batch: int, latencies: list[float]) -> None:
    with psycopg.connect(dsn) as connection:
        for n in range(appends):
            started = time.perf_counter()
            with connection.transaction():
                connection.execute(
                    "select journal_append(%s, %s, %s, %s)",
                    (f"bench-{threading.get_ident()}", n * batch, f"{n}", [{"type": "Measured", "data": {}}] * batch),
                )
            latencies.append(time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dsn")
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--appends", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=1)
    options = parser.parse_args()
    latencies: list[float] = []
    threads = [
        threading.Thread(target=writer, args=(options.dsn, options.appends, options.batch, latencies))
        for _ in range(options.writers)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    print(f"{len(latencies) / seconds:,.0f} appends/s, median {statistics.median(latencies) * 1000:.2f} ms")


if __name__ == "__main__":
    main()
