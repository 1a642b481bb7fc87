# What can be chosen, and what holds for every target of the project.
option(TOLLGATE_BUILD_TESTS "Build the test programs" ON)
option(TOLLGATE_WERROR "Treat compiler warnings as errors (continuous integration)" OFF)
option(TOLLGATE_BUILD_BENCHMARKS "Build the benchmark programs (needs Google Benchmark)" OFF)
option(TOLLGATE_MPI "Build tollgate-mpi, which runs a sweep over the ranks of an MPI job" OFF)
set(TOLLGATE_SANITIZE "" CACHE STRING "Sanitizers to build with, as for -fsanitize=; empty: none")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()
find_program(CCACHE ccache)
if(CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
if(TOLLGATE_SANITIZE)
  add_compile_options(-fsanitize=${TOLLGATE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TOLLGATE_SANITIZE})
endif()

add_library(tollgate_settings INTERFACE)
set_target_properties(tollgate_settings PROPERTIES EXPORT_NAME settings)
target_compile_features(tollgate_settings INTERFACE cxx_std_20)
target_include_directories(tollgate_settings INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:include/tollgate>)
# -Wno-restrict: GCC 12 sees overlaps in "text" + string that are not there (GCC bug 105329).
# -Wno-psabi: notes that GCC 4.6 passed vectors and aligned types otherwise.
# -ffp-contract=off: the same bits whether or not the machine has fused multiply-add.
target_compile_options(tollgate_settings INTERFACE
  $<BUILD_INTERFACE:-Wall;-Wextra;-Wconversion;-Wshadow;-Wno-psabi;-ffp-contract=off>
  $<BUILD_INTERFACE:$<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>>
  $<BUILD_INTERFACE:$<$<BOOL:${TOLLGATE_WERROR}>:-Werror>>)
install(TARGETS tollgate_settings EXPORT tollgateTargets)

# tollgate_add_library(kernel SOURCES a.cpp b.cpp LINK tollgate::x Boost::headers): tollgate::kernel,
# installed with the headers of this folder.
function(tollgate_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(tollgate_${name} STATIC ${ARG_SOURCES})
  add_library(tollgate::${name} ALIAS tollgate_${name})
  set_target_properties(tollgate_${name} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(tollgate_${name} PUBLIC tollgate_settings ${ARG_LINK}
                                         PRIVATE ${ARG_PRIVATE_LINK})
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  install(TARGETS tollgate_${name} EXPORT tollgateTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(DIRECTORY ./ DESTINATION include/tollgate/${folder} FILES_MATCHING PATTERN "*.hpp")
endfunction()
