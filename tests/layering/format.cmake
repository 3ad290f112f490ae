# SPDX-License-Identifier: GPL-3.0-or-later
# The format of every source file: cmake -DROOT=<tree> -DCLANG_FORMAT=<program> -P format.cmake
file(GLOB_RECURSE sources ${ROOT}/app/*.h ${ROOT}/app/*.cpp ${ROOT}/core/*.h ${ROOT}/core/*.cpp ${ROOT}/ui/*.h
     ${ROOT}/ui/*.cpp ${ROOT}/tests/*.h ${ROOT}/tests/*.cpp)
execute_process(COMMAND ${CLANG_FORMAT} --dry-run -Werror ${sources} RESULT_VARIABLE result ERROR_VARIABLE text)
if(NOT result EQUAL 0)
  string(REGEX MATCHALL "[^\n]*: error:[^\n]*" faults "${text}")
  list(TRANSFORM faults REPLACE "^${ROOT}/" "")
  list(JOIN faults "\n" faults)
  message(FATAL_ERROR "Not in the house's format; run clang-format-14 -i on:\n${faults}")
endif()
