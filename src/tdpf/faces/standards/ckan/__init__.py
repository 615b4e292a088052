"""The catalogue as a CKAN 2.12 site for reading: the Action API, as ckanapi, CKAN's harvester and Terria call it."""
