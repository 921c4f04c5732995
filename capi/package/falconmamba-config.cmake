# find_package(falconmamba) makes the target falconmamba::falconmamba. The folder that this file lies in may be moved
# as a whole.
get_filename_component(_fm_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET falconmamba::falconmamba)
	add_library(falconmamba::falconmamba SHARED IMPORTED)
	set_target_properties(falconmamba::falconmamba PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${_fm_prefix}/include")
	if(WIN32)
		set_target_properties(falconmamba::falconmamba PROPERTIES
			IMPORTED_LOCATION "${_fm_prefix}/bin/libfalconmamba-1.dll"
			IMPORTED_IMPLIB "${_fm_prefix}/lib/libfalconmamba.dll.a")
	elseif(APPLE)
		set_target_properties(falconmamba::falconmamba PROPERTIES
			IMPORTED_LOCATION "${_fm_prefix}/lib/libfalconmamba.1.dylib"
			IMPORTED_SONAME "@rpath/libfalconmamba.1.dylib")
	else()
		set_target_properties(falconmamba::falconmamba PROPERTIES
			IMPORTED_LOCATION "${_fm_prefix}/lib/libfalconmamba.so.1"
			IMPORTED_SONAME "libfalconmamba.so.1")
	endif()
endif()
unset(_fm_prefix)
