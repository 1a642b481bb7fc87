# Compiles version and git commit into the program: link tollgate::version, include "tollgate/version.hpp".
# The header is looked at in every build and rewritten only when a word of it changed, so that a commit
# recompiles the one file that includes it.
if(CMAKE_SCRIPT_MODE_FILE)
  execute_process(
    COMMAND git describe --always --abbrev=12 --exclude=* --dirty
    WORKING_DIRECTORY ${SOURCE_DIR} OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE
    RESULT_VARIABLE result ERROR_QUIET)
  if(NOT result EQUAL 0 OR NOT EXISTS ${SOURCE_DIR}/.git)  # a tarball, perhaps inside another repository
    set(commit "unknown")
  endif()
  configure_file(${SOURCE_DIR}/cli/version.hpp.in ${HEADER} @ONLY)
  return()
endif()

set(version_header ${PROJECT_BINARY_DIR}/generated/tollgate/version.hpp)
add_custom_target(tollgate_version_header
  COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${PROJECT_SOURCE_DIR} -DHEADER=${version_header}
          -Dversion=${PROJECT_VERSION} -P ${CMAKE_CURRENT_LIST_FILE}
  BYPRODUCTS ${version_header} VERBATIM COMMENT "")
add_library(tollgate_version INTERFACE)
add_library(tollgate::version ALIAS tollgate_version)
target_include_directories(tollgate_version INTERFACE ${PROJECT_BINARY_DIR}/generated)
add_dependencies(tollgate_version tollgate_version_header)
