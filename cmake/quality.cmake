# Targets for people: `format` rewrites every source in the project's layout; `tidy` builds the preset tidy, which
# compiles what ships under clang-tidy.
find_program(SLWMI_CLANG_FORMAT NAMES clang-format-14 clang-format)
if(SLWMI_CLANG_FORMAT)
  file(GLOB_RECURSE formatted CONFIGURE_DEPENDS
    ${CMAKE_SOURCE_DIR}/*/*.hpp ${CMAKE_SOURCE_DIR}/*/*.cpp)
  list(FILTER formatted EXCLUDE REGEX "^${CMAKE_SOURCE_DIR}/build/")
  add_custom_target(format COMMAND ${SLWMI_CLANG_FORMAT} -i ${formatted} VERBATIM)
endif()
add_custom_target(tidy
  COMMAND ${CMAKE_COMMAND} --preset tidy -DPython_EXECUTABLE=${Python_EXECUTABLE}
  COMMAND ${CMAKE_COMMAND} --build --preset tidy
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} USES_TERMINAL VERBATIM)
