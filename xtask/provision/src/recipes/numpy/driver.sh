#!/bin/sh
# The C and C++ compiler that Meson is given for numpy on WASI.
#
# usage: driver CLANG AR ARGUMENT...
#
# Two things differ from clang itself:
# - `-fPIC` is dropped: everything is linked statically into one module.
# - Where Meson links an extension module (`-shared`), the objects are archived instead, and the static libraries that were
#   named on the line are noted in OUTPUT.libraries: the executor's own link takes both.
set -eu
clang=$1
ar=$2
shift 2

shared=no
for argument in "$@"; do
    case $argument in
        -shared) shared=yes ;;
    esac
done

if [ $shared = no ]; then
    # One pass over the arguments, each appended again unless it is to be dropped.
    count=$#
    while [ "$count" -gt 0 ]; do
        argument=$1
        shift
        case $argument in
            -fPIC) ;;
            *) set -- "$@" "$argument" ;;
        esac
        count=$((count - 1))
    done
    exec "$clang" "$@"
fi

output=
libraries=
count=$#
while [ "$count" -gt 0 ]; do
    argument=$1
    shift
    count=$((count - 1))
    case $argument in
        -o)
            output=$1
            shift
            count=$((count - 1))
            ;;
        @*)
            echo "driver: response files are not expected: $argument" >&2
            exit 1
            ;;
        -isystem | -mllvm)
            shift
            count=$((count - 1))
            ;;
        -*) ;;
        *.o) set -- "$@" "$argument" ;;
        *.a) libraries="$libraries$argument
" ;;
        *)
            echo "driver: unexpected argument of a link: $argument" >&2
            exit 1
            ;;
    esac
done
rm -f "$output"
printf %s "$libraries" >"$output.libraries"
exec "$ar" rcsD "$output" "$@"
