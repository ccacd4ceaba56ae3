# One part of the project: slwmi_part(registry SOURCES ... DEPS base LIBS SQLite::SQLite3) makes the library
# slwmi::registry, the test program test_registry out of tests/registry/*_test.cpp, and one ctest entry for it.
find_package(tl-expected REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS unit_test_framework)

find_program(SLWMI_CCACHE ccache)
if(SLWMI_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SLWMI_CCACHE})
endif()

add_library(slwmi_options INTERFACE)
target_include_directories(slwmi_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_options(slwmi_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
  -fstack-protector-strong -fvisibility=hidden -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
target_compile_definitions(slwmi_options INTERFACE _GLIBCXX_ASSERTIONS)
if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize|-O0")  # fortified calls hide from sanitizers, and need optimisation
  target_compile_definitions(slwmi_options INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
endif()
target_link_options(slwmi_options INTERFACE -Wl,-z,relro,-z,now)
# Ten thousand relocations in 4 KiB instead of 240: they are applied at each start.
include(CheckLinkerFlag)
check_linker_flag(CXX -Wl,-z,pack-relative-relocs SLWMI_HAVE_RELR)
if(SLWMI_HAVE_RELR)
  target_link_options(slwmi_options INTERFACE -Wl,-z,pack-relative-relocs)
endif()
target_link_libraries(slwmi_options INTERFACE tl::expected)

function(slwmi_part name)
  cmake_parse_arguments(PART "" "" "SOURCES;DEPS;LIBS" ${ARGN})
  add_library(slwmi_${name} STATIC ${PART_SOURCES})
  add_library(slwmi::${name} ALIAS slwmi_${name})
  list(TRANSFORM PART_DEPS PREPEND slwmi::)
  target_link_libraries(slwmi_${name} PUBLIC slwmi_options ${PART_DEPS} PRIVATE ${PART_LIBS})
  slwmi_tests(${name} LIBS ${PART_LIBS})
endfunction()

# A C++ source with the function FUNCTION, which gives the compiled schema of the MOF files; its path goes to the
# variable OUT. Our own compiler makes it while building.
function(slwmi_embed_mof out function)
  string(REGEX REPLACE ".*::" "" name ${function})
  set(source ${CMAKE_BINARY_DIR}/generated/${name}.cpp)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated)
  add_custom_command(OUTPUT ${source} COMMAND slwmi_mofc ${function} ${source} ${ARGN}
    DEPENDS slwmi_mofc ${ARGN} VERBATIM)
  set(${out} ${source} PARENT_SCOPE)
endfunction()

# An executable that ships: position-independent, hardened, and without a run-time dependency on libstdc++.
function(slwmi_program name)
  cmake_parse_arguments(PROGRAM "" "" "SOURCES;DEPS;LIBS" ${ARGN})
  add_executable(${name} ${PROGRAM_SOURCES})
  list(TRANSFORM PROGRAM_DEPS PREPEND slwmi::)
  target_link_libraries(${name} PRIVATE slwmi_options ${PROGRAM_DEPS} ${PROGRAM_LIBS})
  if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
    target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
endfunction()

# Every tests/<name>/*_test.cpp is compiled (CONFIGURE_DEPENDS: none is forgotten). A test case without an
# assertion fails the run.
function(slwmi_tests name)
  cmake_parse_arguments(T "" "" "LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${name}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${CMAKE_SOURCE_DIR}/tests/main.cpp ${sources})
  target_link_libraries(test_${name} PRIVATE slwmi::${name} Boost::unit_test_framework ${T_LIBS})
  target_compile_definitions(test_${name} PRIVATE BOOST_TEST_DYN_LINK
    SLWMI_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data" SLWMI_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  # Tests wait for the code under test, not for themselves: unoptimised they compile in half the time.
  target_compile_options(test_${name} PRIVATE -O0 -U_FORTIFY_SOURCE)
  add_test(NAME ${name} COMMAND test_${name} --log_level=message)
  set_target_properties(test_${name} PROPERTIES CXX_CLANG_TIDY "")  # Boost.Test's macros are not ours to mend
  set_tests_properties(${name} PROPERTIES FAIL_REGULAR_EXPRESSION "did not check any assertions" TIMEOUT 300)
endfunction()

# Links every part that there is: for fuzz targets and benchmarks, which may look at any of them.
function(slwmi_link_all_parts target)
  target_link_libraries(${target} PRIVATE slwmi_options)
  foreach(part IN ITEMS report world policy provider query registry schema base)
    if(TARGET slwmi_${part})
      target_link_libraries(${target} PRIVATE slwmi_${part})
    endif()
  endforeach()
endfunction()
