# Installs the debug symbols of the programs and modules as lib/debug/.build-id/XX/YYYY.debug, where gdb looks for them by the
# build id of a stripped file. Called by cmake --install --component debug, with angod_program_files, angod_build_folder,
# angod_objcopy and angod_readelf from CMakeLists.txt.
foreach(file IN LISTS angod_program_files)
    execute_process(COMMAND "${angod_readelf}" -n "${file}" OUTPUT_VARIABLE notes ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
    if(NOT notes MATCHES "Build ID: ([0-9a-f][0-9a-f])([0-9a-f]+)")
        message(FATAL_ERROR "${file} has no build id; link it with -Wl,--build-id")
    endif()
    set(folder "${CMAKE_INSTALL_PREFIX}/lib/debug/.build-id/${CMAKE_MATCH_1}")
    set(name "${CMAKE_MATCH_2}.debug")
    set(made "${angod_build_folder}/${name}")
    execute_process(COMMAND "${angod_objcopy}" --only-keep-debug "${file}" "${made}" COMMAND_ERROR_IS_FATAL ANY)
    file(INSTALL DESTINATION "${folder}" TYPE FILE FILES "${made}")
    file(REMOVE "${made}")
endforeach()
