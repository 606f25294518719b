# ango_add_module(NAME SOURCE...): a module library NAME.so that exports ango_module_entry and nothing else.
#
# Two modules loaded side by side must not see each other's symbols, and GCC's "unique" symbols would keep a
# library mapped for ever; so everything but the entry point stays local.
#
# On Windows only what is declared for export leaves a library anyway; there the file is NAME.dll.
function(ango_add_module name)
    set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/module.map)
    add_library(${name} MODULE ${ARGN})
    target_link_libraries(${name} PRIVATE ango::module)
    set_target_properties(${name} PROPERTIES
        PREFIX "" C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
    get_target_property(standard ${name} CXX_STANDARD)
    if(NOT standard OR standard LESS 20)
        set_target_properties(${name} PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON)
    endif()
    if(MINGW)
        target_link_options(${name} PRIVATE -static) # or the compiler's libraries must lie beside each module
    endif()
    if(WIN32)
        return()
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique>)
    endif()
    set_target_properties(${name} PROPERTIES LINK_DEPENDS ${map})
    target_link_options(${name} PRIVATE LINKER:--version-script=${map})
    get_target_property(options ${name} LINK_OPTIONS)
    if(NOT "${options} ${CMAKE_MODULE_LINKER_FLAGS}" MATCHES "-fsanitize=") # whose runtime is in the host program
        target_link_options(${name} PRIVATE LINKER:-z,defs)
    endif()
endfunction()
