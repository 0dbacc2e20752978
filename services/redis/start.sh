#!/bin/sh
# How Redis starts in its container: with a password that is made here, once, and told to nobody but the services.
#
# The folder of the password is a volume in memory that they share with us: its group is theirs, and set-group-ID hands
# that to every file in it. Nothing of it is on a disk, in an image, in an environment or on a command line.
set -eu

password=/run/secrets/redis/password

if [ ! -s "$password" ]; then
  umask 027
  head -c 32 /dev/urandom | sha256sum | cut -d " " -f 1 > "$password.new"
  mv "$password.new" "$password"
fi

# Redis is told the password's hash, which can't be typed instead of it.
umask 077
known=$(tr -d "\n" < "$password" | sha256sum | cut -d " " -f 1)
sed "s/^user layercake on/& #$known/" /etc/layercake/user.acl > /tmp/users.acl

exec redis-server "$@" --aclfile /tmp/users.acl
