# What `cmake --install` lays down beside the libraries (cmake/options.cmake) and the program (cli/).
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tollgate)
configure_package_config_file(cmake/tollgateConfig.cmake.in tollgateConfig.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(tollgateConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tollgateConfig.cmake ${PROJECT_BINARY_DIR}/tollgateConfigVersion.cmake
  DESTINATION ${package_dir})
install(EXPORT tollgateTargets NAMESPACE tollgate:: DESTINATION ${package_dir})
install(DIRECTORY scenarios/files/ DESTINATION ${CMAKE_INSTALL_DATADIR}/tollgate/scenarios)
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
