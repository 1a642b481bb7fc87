# Installs TOLLGATE_BUILD below itself, then builds and runs consumer/ against the installed tree only.
set(work ${TOLLGATE_BUILD}/tests/install/work)
set(prefix ${work}/prefix)
file(REMOVE_RECURSE ${work})

function(run)
  execute_process(COMMAND ${ARGV} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "${command}\nended with ${result}:\n${output}")
  endif()
  set(output ${output} PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${TOLLGATE_BUILD} --prefix ${prefix})
# Moved once: nothing installed may remember where it was laid down.
file(RENAME ${prefix} ${work}/moved)
set(prefix ${work}/moved)

run(${prefix}/bin/tollgate --version)
run(${prefix}/bin/tollgate list)
if(NOT output MATCHES "h200-levy")
  message(FATAL_ERROR "the installed program does not list the installed scenarios:\n${output}")
endif()

run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${work}/build -G ${GENERATOR}
    -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_BUILD_TYPE=Debug
    -Dtollgate_DIR=${prefix}/${LIBDIR}/cmake/tollgate)
run(${CMAKE_COMMAND} --build ${work}/build)
run(${work}/build/consumer ${prefix}/share/tollgate/scenarios)
file(REMOVE_RECURSE ${work})
