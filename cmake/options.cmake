# What can be chosen, and what holds for every target of the project.
option(TOLLGATE_BUILD_TESTS "Build the test programs" ON)
option(TOLLGATE_WERROR "Treat compiler warnings as errors (continuous integration)" OFF)
option(TOLLGATE_BUILD_BENCHMARKS "Build the benchmark programs (needs Google Benchmark)" OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()

add_library(tollgate_settings INTERFACE)
target_compile_features(tollgate_settings INTERFACE cxx_std_20)
target_include_directories(tollgate_settings INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:include/tollgate>)
# -ffp-contract=off: the same bits whether or not the machine has fused multiply-add.
target_compile_options(tollgate_settings INTERFACE
  $<BUILD_INTERFACE:-Wall;-Wextra;-Wconversion;-Wshadow;-ffp-contract=off>
  $<BUILD_INTERFACE:$<$<BOOL:${TOLLGATE_WERROR}>:-Werror>>)

# tollgate_add_library(kernel SOURCES a.cpp b.cpp LINK tollgate::x Boost::headers)
function(tollgate_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(tollgate_${name} STATIC ${ARG_SOURCES})
  add_library(tollgate::${name} ALIAS tollgate_${name})
  set_target_properties(tollgate_${name} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(tollgate_${name} PUBLIC tollgate_settings ${ARG_LINK}
                                         PRIVATE ${ARG_PRIVATE_LINK})
endfunction()
