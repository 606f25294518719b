# Precompiled headers of clang. ccache shares objects between clones only if the precompiled header of one clone is, byte for
# byte, that of the other. CMake's is not: clang writes the paths of the clone and the times of its files into it. Here the
# list of headers comes from standard input, the command runs in /, and times are left out. GCC's precompiled headers are made
# with target_precompile_headers.

# angod_clang_pch(NAME HEADERS… OPTIONS options…): NAME.pch in the folder of the build, made from the files HEADERS with the
# options of the folder and the others. The files include headers of the system only.
function(angod_clang_pch name)
    cmake_parse_arguments(ARG "" "" "OPTIONS" ${ARGN})
    set(headers ${ARG_UNPARSED_ARGUMENTS})
    string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
    separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}")
    get_directory_property(options COMPILE_OPTIONS)
    list(FILTER options EXCLUDE REGEX "^\\$<")
    set(pch ${CMAKE_CURRENT_BINARY_DIR}/${name}.pch)
    add_custom_command(
        OUTPUT ${pch}
        COMMAND cat ${headers} | ${CMAKE_CXX_COMPILER} ${flags} ${options} ${ARG_OPTIONS} -std=c++20 -fvisibility=hidden -DFMT_SHARED
                -fpch-instantiate-templates -Xclang -fno-pch-timestamp -Wno-pragma-once-outside-header -MD -MF ${pch}.d -MT ${pch}
                -x c++-header -o - - > ${pch}
        WORKING_DIRECTORY / DEPENDS ${headers} DEPFILE ${pch}.d COMMENT "Precompiling the headers of ${name}" VERBATIM)
    add_custom_target(${name}_pch DEPENDS ${pch})
endfunction()

# angod_use_clang_pch(TARGET PCH SOURCES…): compiles the target, which is of the current folder, with the file PCH.
function(angod_use_clang_pch target pch)
    target_compile_options(${target} PRIVATE -include-pch ${pch} -Xclang -fno-pch-timestamp)
    set_property(SOURCE ${ARGN} APPEND PROPERTY OBJECT_DEPENDS ${pch})
endfunction()
