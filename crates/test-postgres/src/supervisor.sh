# Owns one throw-away PostgreSQL cluster from initdb to the removal of its directory.
#
#   sh supervisor.sh BIN DIR PORT OWNER RUN_DIR
#
# BIN      folder of initdb, pg_ctl and postgres
# DIR      an empty folder that belongs to the user who runs this, with a file `password` in it
# OWNER    `stdin`: ends when standard input does, and stops and starts the server when a line there
#          says `stop` or `start`; a number: ends when that process does
# RUN_DIR  a folder removed when the owner has ended, or nothing
#
# Says `ready` on standard output once connections are accepted, and `stopped` after a stop. Exits 2 when initdb failed and 3
# when the server did not start (perhaps the port was taken meanwhile), the log on standard error.
#
# It is a process of its own because its owner may be killed at any moment, even between initdb and
# the start: whatever happens there, this one notices, stops the server and tidies up.

bin=$1 dir=$2 port=$3 owner=$4 run_dir=$5

# As a crash would: no connection is waited for, nothing is written down in order.
stop() {
    "$bin/pg_ctl" --pgdata=data --mode=immediate --wait stop >/dev/null 2>&1
}

start() {
    "$bin/pg_ctl" --pgdata=data --log=log --wait --timeout=60 --silent start \
        >>log 2>&1 </dev/null
}

finish() {
    stop
    cd / && rm -rf "$dir"
}

give_up() {
    cat log >&2
    exit "$1"
}

# The process named by a number may belong to another user, whom we may not signal.
is_alive() {
    kill -0 "$1" 2>/dev/null || [ -e "/proc/$1" ]
}

cd "$dir" || exit 1
trap finish EXIT
trap 'exit 1' HUP INT TERM

"$bin/initdb" --pgdata=data --username=postgres --pwfile=password --auth=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions >log 2>&1 || give_up 2
rm -f password

# Nothing here has to outlive a power cut, so nothing waits for the disk. A commit outlives the
# server, which may be stopped and started again, so it waits to be handed to the system.
cat >>data/postgresql.conf <<SETTINGS
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
fsync = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_connections = 400
timezone = 'UTC'
log_timezone = 'UTC'
SETTINGS

start || give_up 3
echo ready

case $owner in
stdin)
    while read -r command; do
        case $command in
        stop) stop && echo stopped || give_up 3 ;;
        start) start && echo ready || give_up 3 ;;
        esac
    done
    ;;
*)
    while is_alive "$owner"; do sleep 1; done
    [ -n "$run_dir" ] && rm -rf "$run_dir"
    ;;
esac
