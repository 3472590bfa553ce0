# A room is one directory of sources with one static library (sx_<name>) and one
# test binary (<name>_tests) built from the *_test.cpp files beside the code.

add_library(sx_flags INTERFACE)
target_compile_options(sx_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wno-gnu-label-as-value
  $<$<CXX_COMPILER_ID:Clang>:-Wno-gnu-case-range -Wno-missing-designated-field-initializers>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-missing-field-initializers -Wno-maybe-uninitialized -Wno-dangling-reference -Wno-restrict>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(sx_flags INTERFACE -Wno-pedantic)
endif()
target_include_directories(sx_flags INTERFACE ${CMAKE_SOURCE_DIR}/compiler ${CMAKE_BINARY_DIR}/generated)

# LLVM headers are system headers, and only the rooms that ask for LLVM see them.
add_library(sx_llvm INTERFACE)
target_include_directories(sx_llvm SYSTEM INTERFACE /usr/lib/llvm-22/include)
target_link_libraries(sx_llvm INTERFACE LLVM-22)
target_link_directories(sx_llvm INTERFACE /usr/lib/llvm-22/lib)

# The C front end, for `#import c`.
add_library(sx_libclang INTERFACE)
target_include_directories(sx_libclang SYSTEM INTERFACE /usr/lib/llvm-22/include)
target_link_libraries(sx_libclang INTERFACE clang-22)
target_link_directories(sx_libclang INTERFACE /usr/lib/llvm-22/lib)

function(sx_room name)
  cmake_parse_arguments(ARG "" "DIR" "DEPS;TEST_DEPS;PCH" ${ARGN})
  if(NOT ARG_DIR)
    set(ARG_DIR ${CMAKE_CURRENT_SOURCE_DIR}/${name})
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${ARG_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(sources)
    add_library(sx_${name} STATIC ${sources})
    target_link_libraries(sx_${name} PUBLIC sx_flags ${ARG_DEPS})
    # GCC 12 stops with an internal error when it reads these headers precompiled.
    if(ARG_PCH AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_precompile_headers(sx_${name} PRIVATE ${ARG_PCH})
    endif()
  else()
    add_library(sx_${name} INTERFACE)
    target_link_libraries(sx_${name} INTERFACE sx_flags ${ARG_DEPS})
  endif()
  if(tests)
    add_executable(${name}_tests ${tests})
    target_link_libraries(${name}_tests PRIVATE sx_${name} ${ARG_TEST_DEPS} rapidcheck GTest::gtest GTest::gtest_main)
    add_test(NAME ${name}_tests COMMAND ${name}_tests --gtest_brief=1 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  endif()
endfunction()
