#!/bin/sh
# Builds the sample images from src/ into bin/, byte for byte the same each time. See README.md, or build.sh --help.
set -eu

packages="gcc-arm-none-eabi gcc-aarch64-linux-gnu gcc-riscv64-unknown-elf"
here=$(cd "$(dirname "$0")" && pwd)
src=$here/src

usage() {
  cat <<EOF
usage: build.sh             rebuild every image in bin/
       build.sh --check     rebuild elsewhere and compare with bin/; exit 1 and the names if any differ
       build.sh --install   install the compilers with apt-get (asks for what your apt-get asks for)

Needs the Debian packages: $packages
EOF
}

# -ffreestanding: there is no C library. -fno-tree-loop-distribute-patterns: loops must not become calls of memcpy.
# -ffile-prefix-map, -fno-ident, --build-id=none, -s: nothing in the file tells where, when or by whom it was built.
cflags="-std=c11 -ffreestanding -Os -g0 -Wall -Wextra -Werror
  -fno-common -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns
  -fno-ident -I$src -ffile-prefix-map=$src=."
# -n: no page alignment, so that a file is as small as its content. No segment is both writable and executable.
ldflags="-nostdlib -static -s -Wl,-n,--build-id=none,--fatal-warnings"

cortex_m4="-mcpu=cortex-m4 -mthumb -mfloat-abi=soft"
cortex_m3="-mcpu=cortex-m3 -mthumb"
aarch64="-mcpu=cortex-a53 -mgeneral-regs-only -mstrict-align -mno-outline-atomics -fno-pie -no-pie"
riscv64="-march=rv64imac_zicsr -mabi=lp64 -mcmodel=medany"

common="start.c resource_table.c trace.c"
echo_sources="$common echo.c rpmsg.c vring.c"

# image NAME COMPILER "CPU FLAGS" LINKER-SCRIPT "SOURCES" [PREPROCESSOR FLAGS]
# The table has the image's name. The linker script goes through the same preprocessor as the sources.
image() {
  name=$1 cc=$2 cpu=$3 script=$4 sources=$5 defines=${6-}
  # The words in $cpu, $cflags, $sources and the rest are meant to be split.
  # shellcheck disable=SC2086
  (
    cd "$src"
    "$cc" $cpu $cflags $defines -E -P -x c "link/$script" -o "$work/$name.ld"
    "$cc" $cpu $cflags $ldflags -T "$work/$name.ld" $sources "tables/$name.c" -o "$out/$name.elf"
  )
  chmod 644 "$out/$name.elf"
}

build_all() {
  m4_sources="$echo_sources start_cortexm.c"
  image rpmsg-echo      arm-none-eabi-gcc "$cortex_m4" stm32mp1.ld "$m4_sources"
  image rpmsg-two-vdevs arm-none-eabi-gcc "$cortex_m4" stm32mp1.ld "$m4_sources"
  image rpmsg-net       arm-none-eabi-gcc "$cortex_m4" stm32mp1.ld "$m4_sources"
  image net-eight       arm-none-eabi-gcc "$cortex_m4" stm32mp1.ld "$m4_sources"
  image net-two         arm-none-eabi-gcc "$cortex_m4" stm32mp1.ld "$m4_sources"
  image serial          arm-none-eabi-gcc "$cortex_m4" stm32mp1.ld "$m4_sources"
  image odd-types       arm-none-eabi-gcc "$cortex_m4" stm32mp1.ld "$m4_sources"
  image empty-table     arm-none-eabi-gcc "$cortex_m4" stm32mp1.ld "$m4_sources"
  image lma-vma         arm-none-eabi-gcc "$cortex_m4" stm32mp1.ld "$m4_sources" -DSTORE_DATA_BEHIND_CODE
  image pm-trace-only   arm-none-eabi-gcc "$cortex_m3" flat.ld "$common pm.c start_cortexm.c"
  image carveouts-fixed aarch64-linux-gnu-gcc "$aarch64" flat.ld "$echo_sources start_aarch64.S"
  image riscv64-rpmsg   riscv64-unknown-elf-gcc "$riscv64" flat.ld "$echo_sources start_riscv64.S"
}

case ${1-} in
  "" | --check) ;;
  --install) exec apt-get install --no-install-recommends $packages ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

for cc in arm-none-eabi-gcc aarch64-linux-gnu-gcc riscv64-unknown-elf-gcc; do
  if ! command -v "$cc" >/dev/null; then
    echo "build.sh: $cc not found; install the Debian packages $packages (or: build.sh --install)" >&2
    exit 2
  fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ "${1-}" = --check ]; then
  out=$work/bin
  mkdir "$out"
  build_all
  differ=0
  for file in "$out"/*.elf "$here"/bin/*.elf; do
    name=$(basename "$file")
    if [ "$file" = "$here/bin/$name" ] && [ -e "$out/$name" ]; then continue; fi
    if ! cmp -s "$out/$name" "$here/bin/$name"; then echo "differs: bin/$name"; differ=1; fi
  done
  if [ $differ = 0 ]; then echo "bin/ is what src/ builds"; fi
  exit $differ
fi

out=$here/bin
mkdir -p "$out"
build_all
ls -l "$out"
