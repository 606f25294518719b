# Installs the systemd unit with the paths of the prefix. Called by cmake --install, with angod_unit_in, angod_unit_out and
# angod_bindir from CMakeLists.txt.
get_filename_component(CMAKE_INSTALL_FULL_BINDIR "${angod_bindir}" ABSOLUTE BASE_DIR "${CMAKE_INSTALL_PREFIX}")
configure_file("${angod_unit_in}" "${angod_unit_out}" @ONLY)
file(INSTALL DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/systemd/system" TYPE FILE FILES "${angod_unit_out}")
